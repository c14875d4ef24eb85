"""Durable jobs: the one door to the workflow engine (DBOS); nobody else imports it.

The service enqueues, cancels and reads (`JobClient`); worker processes run (`run_worker`). A workflow is
a function of one JSON object that calls steps; what a finished step returned is stored, so that after a
crash another worker goes on behind it. A step that was interrupted runs again from its start: it must
write what it writes in one transaction, and only if `stopped` is false.
"""

from app.jobs.client import Job, JobClient, JobState, UnknownWorkflow, prepare
from app.jobs.registration import Json, current_job_id, gather, step, workflow
from app.jobs.worker import GiveUp, cancelled, run_worker, stopped

__all__ = [
    "GiveUp",
    "Job",
    "JobClient",
    "JobState",
    "Json",
    "UnknownWorkflow",
    "cancelled",
    "current_job_id",
    "gather",
    "prepare",
    "run_worker",
    "step",
    "stopped",
    "workflow",
]
