"""Starts runs, and goes on with runs that were stopped."""

from __future__ import annotations

import dataclasses
import os
import time
from typing import Any

from nanotilt import recipes
from nanotilt._base import backend
from nanotilt._base.checks import received, words
from nanotilt._base.text_files import damaged
from nanotilt.recipes.recipe import Recipe
from nanotilt.runs import asked, configuration
from nanotilt.runs.compatibility import CLASSIFICATION
from nanotilt.runs.configuration import Request
from nanotilt.runs.folder import MODEL, TRAINING, RunFolder
from nanotilt.runs.published import known_name
from nanotilt.runs.settings import Options, Settings, is_own
from nanotilt.training import kinds
from nanotilt.training.interrupt import RunStopped
from nanotilt.training.own_name import Build, imported, named, short_name
from nanotilt.training.result import TrainingResult
from nanotilt.training.watcher import Watcher

RUNS = "runs"
"""Folder of the out folders that are not named by the user."""


def train(
    recipe: Recipe | str,
    *,
    model: str | Build = "fast",
    epochs: int | None = None,
    steps_per_epoch: int | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    validation_samples: int | None = None,
    test_samples: int | None = None,
    n_threads: int | None = None,
    tries: int | None = None,
    out: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    name: str | None = None,
    watcher: Watcher | None = None,
    command: str | None = None,
) -> Any:
    """Trains a network on fresh samples of a recipe, tests it, and writes a report.

    What is asked, the recipe tells: which class it is; of fields of particles, where they are and
    how large; of pairs of views of one shape, how it is turned.

    Ctrl-C stops training after the step at hand; test and report follow. Pressed again, it raises
    RunStopped. After every epoch a checkpoint is written, from which `resume` goes on.

    Args:
        recipe: A Recipe, or the name of one of the paper's.
        model: "fast", or "paper" for the network of Sullivan 2020; for patches of lattices "cnn-a",
            "cnn-b" or "defect-net" (that is "fast" there), which classify, "dense-ae", "conv-ae",
            "vae" or "denoiser", which learn perfect patches and find others; for scattering
            "polar-net" (that is "fast" there), "scattering-cnn", "coefficient-cnn", "joint" or
            "vgg"; or your own: a function of the recipe, or its name, "package.module:function". It
            returns a keras.Model, compiled or not, that takes views (batch, n_views, *view_shape)
            and returns float32 (batch, n_classes): probabilities, or else logits. Outputs are
            probabilities if none is negative and each sample's sum to 1. A compiled network keeps
            its optimizer and its loss.
        epochs: Number of epochs. None: the network's own.
        steps_per_epoch: Gradient steps per epoch. None: what keeps the network's own number of
            samples per epoch.
        batch_size: Samples per gradient step. None: the network's own.
        seed: Seed of the stream and of the first weights, in [0, 2**64).
        validation_samples: Samples that every epoch is validated on. None: the network's own number
            if it has one, else 10,000.
        test_samples: Samples of the final test. None: 20,000; of fields 24 at each dose, of
            orientations 4,000 pairs.
        n_threads: Threads for simulation and TensorFlow. None: all that may be used.
        tries: Trainings in all, at most, the first one counted: one that stays at chance starts
            again from new first weights. None: the network's own.
        out: Folder for the results; empty or not there yet. None: runs/<recipe>-<model>-seed<seed>,
            with -2, -3 ... if need be.
        overwrite: Whether to delete an earlier run's files in `out`.
        name: What to call the recipe. None: its name if it is one of the paper's, else "custom".
        watcher: A `nanotilt.training.Watcher` that is called as training proceeds, such as a
            `LineWatcher`. None: nothing is shown.
        command: The command line, for the record.

    Returns:
        Of a classifier a TrainingResult: the network and its scores. Of other networks a
        PhasedResult: the folder, and the scores in words.

    Raises:
        FileExistsError: `out` is not empty.
        ImportError: TensorFlow or what else training needs is not installed.
        OSError: `out` can't be written to.
        RunStopped: Ctrl-C before the first step, after the last one, or twice.
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    recipe = recipes.by_name(recipe) if isinstance(recipe, str) else recipe
    if not isinstance(recipe, Recipe):
        raise TypeError(f"recipe must be a nanotilt.Recipe or a name. {received('recipe', recipe)}")
    model, build = named(model)
    kind = asked.kind_asked(recipe, model)
    model = asked.checked_model(kind, model, recipe)
    given = {
        "epochs": epochs, "steps_per_epoch": steps_per_epoch, "batch_size": batch_size,
        "validation_samples": validation_samples, "test_samples": test_samples, "tries": tries,
    }  # fmt: skip
    known = {option: value for option, value in given.items() if value is not None}
    options = Options(model, seed=seed, n_threads=n_threads, **known)
    backend.check_installed()
    name = words("name", name or known_name(recipe) or "custom")
    if out is None:
        folder = RunFolder.create_new(RUNS, f"{name}-{short_name(model)}-seed{seed}")
    else:
        folder = RunFolder.create(out, overwrite=overwrite)
    try:
        if kind != CLASSIFICATION:
            told = watcher or Watcher()
            return kinds.begin(kind, recipe, name, options, given, folder, told, command)
        return begin(
            Request(recipe, name, command, build=build), options, folder, watcher or Watcher()
        )
    except BaseException as error:
        kept = _has_results(folder)
        if not kept:
            folder.remove()
        if isinstance(error, KeyboardInterrupt):
            raise RunStopped(folder.path if kept else None) from None
        raise


def resume(
    folder: str | os.PathLike[str],
    *,
    n_threads: int | None = None,
    watcher: Watcher | None = None,
    model: Build | None = None,
) -> Any:
    """Goes on with a run that was stopped, from its last complete epoch.

    The samples are those that would have come next. Weights, the optimizer's state and the random
    numbers of dropout are restored to the bit, so with the same versions, machine and threads the
    result is that of a run that was never stopped. Only an epoch that was stopped in its midst is
    trained again from its start, and times differ.

    Args:
        folder: The out folder of the run.
        n_threads: Threads for simulation and TensorFlow. None: as before.
        watcher: A `nanotilt.training.Watcher` that is called as training proceeds. None: nothing is
            shown.
        model: The function that builds the run's network, if it is the user's own. None: it is
            imported under the name that the run was begun with.

    Returns:
        As of `train`; None if the run is finished already.

    Raises:
        FileNotFoundError: there is no run in `folder`.
        ImportError: TensorFlow or what else training needs is not installed.
        OSError: the folder can't be written to.
        RunStopped: Ctrl-C before the first step, after the last one, or twice.
        ValueError: its files are damaged, or of another stream version, or the function that builds
            its network can't be imported, or one is given although the network is nanotilt's.
    """
    run_folder = RunFolder.reopen(folder)
    kind = kinds.kind_of_folder(run_folder)
    if kind != CLASSIFICATION:
        threads = Options(n_threads=n_threads).n_threads
        try:
            return kinds.resume(kind, run_folder, watcher or Watcher(), threads)
        except KeyboardInterrupt:
            raise RunStopped(run_folder.path) from None
    request, settings, described = configuration.read(run_folder)
    if described["status"] == "finished":
        return None
    if n_threads is not None:
        settings = dataclasses.replace(settings, n_threads=Options(n_threads=n_threads).n_threads)
    if model is not None and not is_own(settings.model):
        raise ValueError(
            f"model must be None, since the run's network is {settings.model!r}. "
            f"{received('model', model)}"
        )
    request = dataclasses.replace(request, build=model)
    backend.check_installed()
    try:
        return _resume(run_folder, request, settings, described, watcher or Watcher())
    except KeyboardInterrupt:
        raise RunStopped(run_folder.path) from None


def _resume(
    folder: RunFolder,
    request: Request,
    settings: Settings,
    described: dict[str, Any],
    watcher: Watcher,
) -> TrainingResult:
    began = time.perf_counter()
    with watcher.stage("Loading TensorFlow"):
        backend.load(settings.n_threads)
        from nanotilt.training import beginning, checkpoint, run

        request = _with_function(request, settings)
        state = checkpoint.load_latest(folder)
        if state is None:
            try:
                state = beginning.new_state(request, settings, folder)
            except (TypeError, ValueError) as error:
                if is_own(settings.model):
                    raise
                raise damaged(folder.file(TRAINING), f"no network can be built: {error}") from error
    if described["versions"] != configuration.versions():
        watcher.note(
            "the run was begun with other versions; "
            "it may end differently than if it had not been interrupted"
        )
    seconds = time.perf_counter() - began
    return run.Run(
        request, settings, state, folder, watcher, described["started"], seconds
    ).execute()


def _with_function(request: Request, settings: Settings) -> Request:
    """The request with the function that builds the network, if that is the user's own.

    A network that was saved may hold the user's own classes, which Keras knows once their module is
    imported; and training that is begun anew builds it again.
    """
    if request.build is not None or not is_own(settings.model):
        return request
    try:
        return dataclasses.replace(request, build=imported(settings.model))
    except ValueError as error:
        raise ValueError(
            f"the run can't go on without the function that builds its network: {error}. "
            "Go on from the folder that its module lies in, or, if a script or a notebook defines "
            "it, from there: nanotilt.training.resume(folder, model=function)"
        ) from error


def begin(
    request: Request, options: Options, folder: RunFolder, watcher: Watcher
) -> TrainingResult:
    """Trains in a folder that is made already.

    Args:
        request: What to train.
        options: How.
        folder: Where its files go.
        watcher: A `nanotilt.training.Watcher` that is called as training proceeds.

    Returns:
        The network and its scores.

    Raises:
        OSError: the folder can't be written to.
        ValueError: an option has a wrong value for this network.
    """
    began, started = time.perf_counter(), configuration.now()
    with watcher.stage("Loading TensorFlow"):
        backend.load(options.n_threads)
        from nanotilt.training import beginning, run

        settings = run.resolve(request, options)
        state = beginning.new_state(request, settings, folder)
    seconds = time.perf_counter() - began
    return run.Run(request, settings, state, folder, watcher, started, seconds).execute()


def _has_results(folder: RunFolder) -> bool:
    """Whether a run left something worth keeping: its model, or an epoch."""
    return any(folder.path.glob("checkpoint-epoch-*")) or folder.file(MODEL).exists()
