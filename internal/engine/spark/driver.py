# Copyright (c) dynamoops authors
# SPDX-License-Identifier: MPL-2.0
"""Spreads the segments of a run over a Spark cluster; runs on Spark 3.5 and 4.

Each task starts the worker binary for one segment, with the job on its standard input. Spark schedules the tasks, repeats
those that fail and replaces machines that are lost; the workers keep their progress and their counts in the run's journal.
"""

import contextlib
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile

from pyspark import SparkContext, SparkFiles, TaskContext

BINARY, JOB = "terraform-provider-dynamoops", "job.json"
JOB_DIGEST = "spark.dynamoops.job.sha256"  # A setting of the job, which comes from the service and not from S3.
ERROR_BYTES = 8192  # How much of a failed worker's standard error goes into the task's.
REASON_LENGTH = 2000  # How much of the reason why the job has failed is kept for the provider.


def shipped(name):
    """The path of a file that came with --files: on YARN in the working directory, elsewhere where Spark says."""
    path = os.path.abspath(name)
    return path if os.path.exists(path) else SparkFiles.get(name)


def digest(path):
    """The SHA-256 of the file."""
    sha256 = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            sha256.update(block)
    return sha256.hexdigest()


def worker(job):
    """How to start the worker, which has come without the right to be executed. It must be the one that the job was made for."""
    binary = shipped(BINARY)
    if digest(binary) != job["binary_sha256"]:
        raise RuntimeError("the worker binary in S3 is not the one that the provider has put there")
    if not os.access(binary, os.X_OK):
        os.chmod(binary, 0o755)
    # A task has one core (spark.task.cpus): more threads would only get into the way of its neighbours.
    return {"args": [binary, "worker"], "env": dict(os.environ, GOMAXPROCS="1")}


def work(job, segment):
    """Runs the worker for one segment and returns its number, or raises what the worker said."""
    task = dict(job, segment=segment, attempt=TaskContext.get().attemptNumber())
    results = []
    with tempfile.TemporaryFile() as errors:
        # Standard input stays open as long as this process lives: its end tells the worker to stop.
        process = subprocess.Popen(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, **worker(job))
        try:
            process.stdin.write(json.dumps(task).encode() + b"\n")
            process.stdin.flush()
            for line in process.stdout:
                message = json.loads(line)
                if "result" in message:
                    results.append(message["result"])
                else:
                    print(line.decode().rstrip(), file=sys.stderr, flush=True)
        except BrokenPipeError:
            pass  # The worker's status and its words say more.
        finally:
            with contextlib.suppress(BrokenPipeError):  # It writes what could not be written before.
                process.stdin.close()
            status = process.wait()
        errors.seek(max(0, errors.seek(0, os.SEEK_END) - ERROR_BYTES))
        said = errors.read().decode(errors="replace").strip()
    if status != 0:
        raise RuntimeError(f"segment {segment}: the worker ended with status {status}: {said}")
    if len(results) != 1 or results[0]["segment"] != segment:
        raise RuntimeError(f"segment {segment}: the worker gave {len(results)} results: {results}")
    return segment


def reason(error):
    """What an exception says, without the stacks of Java and Python around the words of a task."""
    text = str(error).split("\n\tat ")[0]
    _, found, own = text.partition("RuntimeError: ")
    return (own if found else text).strip()[:REASON_LENGTH]


def keep(job, why):
    """Has the worker binary put into the run's journal why the job has failed: the provider cannot read Spark's logs."""
    task = json.dumps(dict(job, failed=why)).encode() + b"\n"
    try:
        subprocess.run(input=task, timeout=60, check=True, **worker(job))
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        print(f"the reason could not be kept: {error}", file=sys.stderr, flush=True)


def spread(context, job):
    """Has each segment done by a task."""
    count = job["segments"]
    # Neighbours at different times: the load is spread over the tables' partitions.
    segments = random.sample(range(count), count)
    done = (
        context.parallelize(segments, count)
        .mapPartitions(lambda part: [work(job, segment) for segment in part])
        .collect()
    )
    if sorted(done) != list(range(count)):
        raise RuntimeError(f"{count} segments were given out, but these came back: {sorted(done)}")


def read_job(expected):
    """The job's description, which must be the one that the provider has started the job with."""
    if digest(shipped(JOB)) != expected:
        raise RuntimeError("job.json in S3 is not what the provider has put there")
    with open(shipped(JOB), encoding="utf-8") as file:
        return json.load(file)


def main():
    context = SparkContext.getOrCreate()
    job = read_job(context.getConf().get(JOB_DIGEST))
    try:
        spread(context, job)
    except Exception as error:
        keep(job, reason(error))
        raise
    context.stop()


if __name__ == "__main__":
    main()
