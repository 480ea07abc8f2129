"""Imported by the server that workers are forked from: makes WeasyPrint ready before the first."""

from outreach_merge.typeset import warm_up

warm_up()
