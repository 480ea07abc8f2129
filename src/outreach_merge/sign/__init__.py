"""Typeset letter -> signed letter. pyHanko lives in this room and nowhere else.

Its doors: ``fields`` makes the places for the signatures, ``state`` tells who has signed,
``opening`` opens a signatory's key, the ``LetterSigner`` of ``signing`` signs with it,
``verifying`` judges a file's signatures, ``specimen`` makes keys for samples. Only the module
that is used loads its engine.
"""
