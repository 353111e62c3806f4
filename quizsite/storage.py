"""Static files named by their content: a browser keeps them for a year, and never an old one."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True  # figures are ES modules that import one another
