"""The one place where numba's untyped decorator is met.

The compiled kernels are kept on disk, in directories named after their sources: numba looks only at
the file of a kernel itself, and would go on using an old kernel after a change in one that it calls.
"""

import hashlib
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import config

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_HERE = Path(__file__).parent
_IMPORT = re.compile(r"^from solver\.search\.(\w+) import", re.MULTILINE)

# The stubs do not know of these settings, nor of the option `_nrt`.
_settings: Any = config
_njit: Any = numba.njit
_types: Any = numba.types

# Loops here are short and branch; trying to vectorise them only costs compile time.
_settings.LOOP_VECTORIZE = 0


@cache
def _sources(module: str) -> frozenset[str]:
    """Return a module of this package and those that it imports, directly or not."""
    imported = _IMPORT.findall((_HERE / f"{module}.py").read_text(encoding="utf-8"))
    return frozenset({module}).union(*(_sources(name) for name in imported))


@cache
def _cache_directory(module: str) -> Path:
    digest = hashlib.sha256()
    for name in sorted(_sources(module)):
        digest.update((_HERE / f"{name}.py").read_bytes())
    return _HERE / "__pycache__" / f"{module}-{digest.hexdigest()[:12]}"


def _widened(kind: Any) -> Any:
    """Return the type a kernel is compiled for: an integer of any width, or one known beforehand, is an int64."""
    if isinstance(kind, _types.BaseTuple) and not isinstance(kind, _types.BaseNamedTuple):
        return _types.Tuple([_widened(one) for one in kind])
    plain = _types.unliteral(kind)
    return _types.int64 if isinstance(plain, _types.Integer) and plain.bitwidth < 64 else plain


def _compiled_once(compiled: Any) -> Any:
    """Let calls from other kernels share one version: numba would compile one for each width and each constant."""
    for_types = compiled.get_call_template

    def for_wide_types(args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        return for_types(tuple(map(_widened, args)), {name: _widened(kind) for name, kind in kws.items()})

    compiled.get_call_template = for_wide_types
    return compiled


def _compiled(function: Kernel, **options: bool) -> Kernel:
    if not os.environ.get("NUMBA_CACHE_DIR"):
        # numba falls back on the user's own cache directory where this one can't be written.
        _settings.CACHE_DIR = str(_cache_directory(function.__module__.rpartition(".")[2]))
    compiled = _njit(cache=True, nogil=True, error_model="numpy", _nrt=False, **options)(function)
    return cast(Kernel, _compiled_once(compiled))


def entry(function: Kernel) -> Kernel:
    """Compile a function that Python calls: to machine code on its first call, without the interpreter's lock.

    Kernels allocate nothing: all arrays are their caller's. Without numba's counting of references
    (``_nrt``), which nothing needs then, the search is five times as fast.
    """
    return _compiled(function, no_cfunc_wrapper=True)


def kernel(function: Kernel) -> Kernel:
    """Compile a function that only kernels call: without the way in from Python, a third less to compile."""
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)
