"""Renders letters on the workers of a Dask cluster. The only package that imports Dask.

In: a renderer's configuration, the campaign's recipients and a scheduler's address; then
``RenderJob``s. Out: ``RenderResult``s, in the order in which they are finished.
"""

from outreach_merge.press.cluster.dask_executor import DaskExecutor

__all__ = ["DaskExecutor"]
