"""A PyTorch checkpoint as arrays, and nothing else that may be in the file."""

import pickle
import warnings
from pathlib import Path

import numpy as np

from style_gan_tf.errors import UserError


def read_state_dict(path: str | Path) -> dict[str, np.ndarray]:
    """Read the tensors that `torch.save(network.state_dict(), path)` wrote.

    The file is a pickle, and a pickle can hold code. PyTorch reads it with `weights_only=True`:
    tensors and plain containers are made, all else is refused and none of it is run.

    Args:
        path: A `.pth` file.

    Returns:
        Arrays by name, laid out as in PyTorch; floating point ones as float32.

    Raises:
        UserError: When PyTorch is missing, or the file is missing, damaged, or holds anything
            but tensors by name.
    """
    if not Path(path).is_file():
        raise UserError(f"{path}: no such file")
    try:
        import torch
    except ImportError:
        raise UserError(
            f"{path}: PyTorch reads it, and is not installed: pip install 'torch>=2.6'"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Of files that it then refuses.
            state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise UserError(
            f"{path}: refused, it holds pickled code or objects, or is damaged; save "
            "network.state_dict() by torch.save and convert that"
        ) from None
    except Exception as error:  # A damaged file raises many kinds.
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise UserError(f"{path}: not a readable PyTorch checkpoint ({reason})") from None
    named = isinstance(state, dict) and all(
        isinstance(name, str) and isinstance(value, torch.Tensor) and value.layout == torch.strided
        for name, value in state.items()
    )
    if not named or not state:
        raise UserError(
            f"{path}: not a state dict, that is tensors by name; save network.state_dict() by "
            "torch.save and convert that"
        )
    return {
        name: (value.float() if value.is_floating_point() else value).detach().numpy()
        for name, value in state.items()
    }
