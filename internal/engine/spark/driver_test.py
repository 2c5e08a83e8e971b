# Copyright (c) dynamoops authors
# SPDX-License-Identifier: MPL-2.0
"""What the driver makes of workers that do not keep to their part, without Spark."""

import json
import os
import sys
import tempfile
import types
import unittest


class TaskContext:
    @staticmethod
    def get():
        return TaskContext()

    def attemptNumber(self):
        return 2


sys.modules["pyspark"] = types.SimpleNamespace(SparkContext=None, SparkFiles=None, TaskContext=TaskContext)
import driver  # noqa: E402


class Spark:
    """A context in which the tasks give back these segments."""

    def __init__(self, done):
        self.done = done

    def parallelize(self, segments, count):
        assert sorted(segments) == list(range(count))
        return self

    def mapPartitions(self, _):
        return self

    def collect(self):
        return self.done


class Driver(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)

    def worker(self, script):
        """Puts a script in the place of the worker, not yet executable, as Spark does."""
        with open(driver.BINARY, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + script + "\n")

    def job(self, **more):
        """A job for the worker that is there."""
        return {"binary_sha256": driver.digest(driver.BINARY), **more}

    def says(self, words, **job):
        with self.assertRaises(RuntimeError) as raised:
            driver.work({**self.job(), **job}, 1)
        self.assertIn(words, str(raised.exception))

    def test_task(self):
        self.worker("""read -r task; echo "$task $GOMAXPROCS" >task; echo '{"progress": {}}'; echo '{"result": {"segment": 1}}'""")
        self.assertEqual(driver.work(self.job(segments=4), 1), 1)
        with open("task", encoding="utf-8") as file:
            task, threads = file.read().rsplit(" ", 1)
        self.assertEqual(json.loads(task), self.job(segments=4, segment=1, attempt=2))
        self.assertEqual(threads.strip(), "1")

    def test_no_result(self):
        self.worker("read -r task")
        self.says("gave 0 results")

    def test_two_results(self):
        self.worker("""read -r task; echo '{"result": {"segment": 1}}'; echo '{"result": {"segment": 1}}'""")
        self.says("gave 2 results")

    def test_wrong_segment(self):
        self.worker("""read -r task; echo '{"result": {"segment": 2}}'""")
        self.says("{'segment': 2}")

    def test_status(self):
        self.worker("""read -r task; echo '{"result": {"segment": 1}}'; echo of no use >&2; exit 3""")
        self.says("status 3: of no use")

    def test_end_before_the_task_is_read(self):
        self.worker("echo cannot start >&2; sleep 0.3; exit 4")
        self.says("status 4: cannot start", much="x" * 68_000)  # More than the pipe takes, by less than is buffered.

    def test_another_binary(self):
        self.worker("touch ran")
        self.says("not the one that the provider has put there", binary_sha256="0" * 64)
        driver.keep({"binary_sha256": "0" * 64}, "why")
        self.assertFalse(os.path.exists("ran"))

    def test_another_job(self):
        with open(driver.JOB, "w", encoding="utf-8") as file:
            file.write('{"segments": 2}')
        self.assertEqual(driver.read_job(driver.digest(driver.JOB)), {"segments": 2})
        for other in None, "", "0" * 64:
            with self.assertRaisesRegex(RuntimeError, "job.json in S3 is not what"):
                driver.read_job(other)

    def test_segments(self):
        driver.spread(Spark([1, 0, 2]), {"segments": 3})
        for done in [0, 1], [0, 1, 1], [0, 1, 2, 2]:
            with self.assertRaisesRegex(RuntimeError, "3 segments were given out"):
                driver.spread(Spark(done), {"segments": 3})

    def test_reason(self):
        error = "Job aborted: Lost task 1.3: Traceback:\n  File x\nRuntimeError: segment 1: panic: index\ngoroutine 1\n\n\tat org.apache\n\tat org"
        self.assertEqual(driver.reason(Exception(error)), "segment 1: panic: index\ngoroutine 1")
        self.assertEqual(driver.reason(Exception("Container killed by YARN\n\tat org")), "Container killed by YARN")

    def test_keep(self):
        self.worker("cat >task")
        driver.keep(self.job(journal="here"), "out of memory")
        with open("task", encoding="utf-8") as file:
            self.assertEqual(json.load(file), self.job(journal="here", failed="out of memory"))
        self.worker("exit 1")
        driver.keep(self.job(), "why")  # It is not worth another exception.


if __name__ == "__main__":
    unittest.main()
