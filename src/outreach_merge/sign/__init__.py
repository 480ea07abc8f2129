"""Typeset letter -> signed letter, and the verification of signed files.

The only package that imports pyHanko. ``fields`` adds empty signature fields, ``state`` reads who
has signed, ``opening`` opens a signatory's key, the ``LetterSigner`` of ``signing`` signs with it,
``verifying`` verifies the signatures of a file, ``specimen`` makes keys for samples. Modules are
imported one by one, so that a command loads only the libraries it needs.
"""
