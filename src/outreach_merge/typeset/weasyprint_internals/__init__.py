"""All that replaces, subclasses or reaches into undocumented parts of WeasyPrint and pydyf.

``private_names`` lists every such part. ``tests/typeset/test_weasyprint_internals.py`` compares the
source of what is replaced with the source this was written for, and fails when other folders
use an undocumented part.
"""
