"""Typeset letter -> signed letter. pyHanko lives in this room and nowhere else.

Its doors: ``fields`` makes the places for the signatures, ``state`` tells who has signed,
``opening`` opens a signatory's key, the ``Pen`` of ``signing`` signs with it, ``verifying`` says
what is to be said of a file, ``specimen`` makes keys for samples. Only the door that is used loads
its engine.
"""
