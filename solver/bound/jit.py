"""The search's decorators for kernels of this folder: their own place on disk, named after all sources they use.

numba looks only at the file of a kernel itself, and would go on using an old one after a change in a
kernel that it calls (see `solver.search.jit`).
"""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import config

import solver.search.timing

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_HERE = Path(__file__).parent
_SEARCH = Path(solver.search.timing.__file__).parent
_SOURCES = (
    *(
        _HERE / name
        for name in (
            "ahead.py",
            "groups.py",
            "jit.py",
            "knapsack.py",
            "memory.py",
            "pairs.py",
            "room.py",
            "routes.py",
            "weeks.py",
        )
    ),
    *(_SEARCH / name for name in ("arrays.py", "jit.py", "timing.py")),
)

# The stubs do not know of these settings, nor of the option `_nrt`.
_settings: Any = config
_njit: Any = numba.njit


@cache
def _cache_directory() -> Path:
    digest = hashlib.sha256()
    for source in _SOURCES:
        digest.update(source.read_bytes())
    return _HERE / "__pycache__" / digest.hexdigest()[:12]


def _compiled(function: Kernel, **options: bool) -> Kernel:
    if not os.environ.get("NUMBA_CACHE_DIR"):
        _settings.CACHE_DIR = str(_cache_directory())
    return cast(Kernel, _njit(cache=True, nogil=True, error_model="numpy", _nrt=False, **options)(function))


def entry(function: Kernel) -> Kernel:
    """Compile a function that Python calls: to machine code on its first call, without the interpreter's lock."""
    return _compiled(function, no_cfunc_wrapper=True)


def kernel(function: Kernel) -> Kernel:
    """Compile a function that only kernels call."""
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)
