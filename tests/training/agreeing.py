"""One of two workers, each with something of its own to say; run as a script by test_workers.py."""

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import signal

from style_gan_tf.errors import UserError
from style_gan_tf.training.stopping import Agreement, StopRequest
from style_gan_tf.training.strategy import is_chief, make_strategy

strategy = make_strategy()
agreement = Agreement(strategy)
chief = is_chief(strategy)


def nothing():
    pass


def fail():
    raise UserError("no room")


def show(ending):
    print("ending", bool(ending), ending.limit, ending.signal, flush=True)


with StopRequest() as stop:
    show(agreement.ending(nothing, stop, lambda: False))
    show(agreement.ending(nothing, stop, lambda: not chief))
    if not chief:
        os.kill(os.getpid(), signal.SIGTERM)
    show(agreement.ending(nothing, stop, lambda: False))
    print("same", agreement.same(7), agreement.same(7 + chief), flush=True)
    try:
        agreement.ending(fail if chief else nothing, stop, lambda: False)
    except UserError as error:
        print("failed", error, flush=True)
agreement.wait()
