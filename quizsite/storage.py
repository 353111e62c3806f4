"""Static files named by their content: a browser keeps them for a year, and never an old one."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

_, imports = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns


class HashedFiles(CompressedManifestStaticFilesStorage):
    # Our scripts are modules that import one another by name, so the names inside are rewritten;
    # only in ours, because htmx's extensions import what is not a file.
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("site/*.js", imports),
        ("figures/*.js", imports),
    )
