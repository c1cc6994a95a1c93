"""The array types that this room's signatures speak of; every array is C-contiguous."""

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Int8 = npt.NDArray[np.int8]
Int16 = npt.NDArray[np.int16]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
UInt16 = npt.NDArray[np.uint16]
UInt64 = npt.NDArray[np.uint64]
Float64 = npt.NDArray[np.float64]


def for_kernel(values: Float64) -> Float64:
    """The values as a compiled kernel takes them: contiguous and writable, copied only where they aren't.

    Columns out of Arrow and slices of tables often are neither, and kernels are compiled for one kind of array.
    """
    return np.require(values, np.float64, ["C_CONTIGUOUS", "WRITEABLE"])
