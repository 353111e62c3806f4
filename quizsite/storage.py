"""Static files named by their content: a browser keeps them for a year, and never an old one."""

from typing import Any

from whitenoise.compress import Compressor
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

    # Nobody asks for the files by their plain names.
    keep_only_hashed_files = True

    def create_compressor(self, **settings: Any) -> Compressor:
        # Brotli saves a visitor 15 % of some kilobytes, and takes most of a first start's time.
        return Compressor(use_brotli=False, **settings)
