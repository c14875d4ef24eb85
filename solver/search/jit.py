"""The one place where numba's untyped decorator is met.

The compiled kernels are kept on disk, in a directory named after the sources of this package: numba
looks only at the file of a kernel itself, and would go on using an old kernel after a change in one
that it calls.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import config

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_HERE = Path(__file__).parent


def _cache_directory() -> Path:
    digest = hashlib.sha256()
    for source in sorted(_HERE.glob("*.py")):
        digest.update(source.read_bytes())
    return _HERE / "__pycache__" / f"kernels-{digest.hexdigest()[:12]}"


# Loops here are short and branch; trying to vectorise them only costs compile time.
_settings: Any = config
_settings.LOOP_VECTORIZE = 0
if not os.environ.get("NUMBA_CACHE_DIR"):
    # numba falls back on the user's own cache directory where this one can't be written.
    _settings.CACHE_DIR = str(_cache_directory())

_njit: Any = numba.njit  # its stub does not know of `_nrt`


def _compiled(function: Kernel, **options: bool) -> Kernel:
    return cast(Kernel, _njit(cache=True, nogil=True, error_model="numpy", _nrt=False, **options)(function))


def entry(function: Kernel) -> Kernel:
    """Compile a function that Python calls: to machine code on its first call, without the interpreter's lock.

    Kernels allocate nothing: all arrays are their caller's. Without numba's counting of references
    (``_nrt``), which nothing needs then, the search is five times as fast.
    """
    return _compiled(function, no_cfunc_wrapper=True)


def kernel(function: Kernel) -> Kernel:
    """Compile a function that only kernels call: without the way in from Python, half of the compile time."""
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)
