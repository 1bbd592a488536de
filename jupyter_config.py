"""The one configuration of JupyterLab and nbgrader. nbgrader_config.py loads this file and says nothing itself."""

import os
import sys
from pathlib import Path

course = Path(__file__).resolve().parent


def configure(c):
    # JupyterLab: the README is the landing page; `jupyter lab` as root is what happens in a container.
    c.ServerApp.root_dir = str(course)
    c.LabApp.default_url = "/lab/tree/README.md"
    c.ServerApp.allow_root = hasattr(os, "geteuid") and os.geteuid() == 0

    # nbgrader runs alembic as a command, which lies beside the Python that runs this.
    bin_folder = str(Path(sys.executable).parent)
    if bin_folder not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([bin_folder, os.environ.get("PATH", os.defpath)])

    # nbgrader: masters in solutions/, the student edition in notebooks/.
    c.CourseDirectory.root = str(course)
    c.CourseDirectory.course_id = "digits-from-scratch"
    c.CourseDirectory.source_directory = "solutions"
    c.CourseDirectory.release_directory = "notebooks"
    c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".DS_Store"]
    c.CourseDirectory.db_url = os.environ.get("DIGITS_DB_URL", f"sqlite:///{course / 'gradebook.db'}")
    c.Exchange.root = os.environ.get("DIGITS_EXCHANGE", str(course / "exchange"))

    # BEGIN INSTRUCTOR (the student edition of this file is without these parts; see grading/student_edition.py)
    # The student edition: nbgrader's own way, and Run All does not stop at an exercise that is still open.
    c.GenerateAssignment.preprocessors = [
        "nbgrader.preprocessors.LockCells",
        "nbgrader.preprocessors.ClearSolutions",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.CheckCellMetadata",
        "nbgrader.preprocessors.ComputeChecksums",
        "nbgrader.preprocessors.SaveCells",
        "nbgrader.preprocessors.ClearHiddenTests",
        "nbgrader.preprocessors.ClearMarkScheme",
        "nbgrader.preprocessors.ComputeChecksums",
        "nbgrader.preprocessors.CheckCellMetadata",
        "grading.release.RunOnAfterErrors",
    ]

    # Grading: a submission gets the form of its release, one that breaks breaks alone, and a score says what passed.
    c.Autograde.exporter_class = "grading.repair.TolerantExporter"
    c.Autograde.sanitize_preprocessors = ["grading.repair.ForgetScores"]
    c.Autograde.autograde_preprocessors = [
        "grading.execute.Execute",
        "nbgrader.preprocessors.LimitOutput",
        "grading.scores.HonestScores",
        "nbgrader.preprocessors.AssignLatePenalties",
        "grading.timing.KeepSeconds",
    ]
    # Feedback shows a student why points are missing, but no hidden test, no mark scheme, and nobody's scripts.
    c.GenerateFeedback.exporter_class = "grading.feedback.FeedbackExporter"
    c.GenerateFeedback.preprocessors = ["grading.feedback.Grades"]

    # Formgrader shows what students wrote, in pages that may grade: it is started in a way that lets none of it act.
    c.ServerApp.jpserver_extensions = {
        "nbgrader.server_extensions.formgrader": False,
        "grading.formgrader": True,
    }
    # END INSTRUCTOR
    c.Execute.timeout = 30
    c.Execute.shutdown_kernel = "immediate"
    c.Execute.extra_arguments = ["--log-level=ERROR"]  # else every kernel says that its loopback is not encrypted

    # BEGIN INSTRUCTOR
    # Mark schemes stand in the locked cells of the written questions: released without, graded with them.
    c.ClearMarkScheme.enforce_metadata = False

    # Work in, from the downloads of Canvas and Moodle, and grades out, safe to open in a spreadsheet (docs/classes.md).
    c.ZipCollectApp.extractor_plugin = "grading.collect.LmsExtractor"
    c.ZipCollectApp.collector_plugin = "grading.collect.LmsCollector"
    c.ExchangeFactory.collect = "grading.exchange.Collect"
    c.ExportApp.plugin_class = "grading.exports.Csv"
    # END INSTRUCTOR


try:
    configure(get_config())  # noqa: F821  (traitlets provides it)
except Exception as error:
    # Jupyter would log this and go on, and nbgrader would grade with its defaults and exit 0.
    sys.exit(f"{__file__}: {type(error).__name__}: {error}")
