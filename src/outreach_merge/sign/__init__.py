"""Typeset letter -> signed letter. pyHanko lives in this room and nowhere else."""
