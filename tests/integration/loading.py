"""Running `thaw load` in a test, and reading its record."""

import csv
import json
import subprocess

import harness


def write_azure2019(folder, counts):
    """A trace in the form of Azure 2019: by function, its counts by column."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = len(next(iter(counts.values())))
    (folder / "invocations.csv").write_text(
        "HashOwner,HashApp,HashFunction,Trigger," + ",".join(str(i + 1) for i in range(columns)) + "\n"
        + "".join(f"o,a,{name},http,{','.join(map(str, row))}\n" for name, row in counts.items()))
    percentiles = ",".join(f"percentile_Average_{p}" for p in (0, 1, 25, 50, 75, 99, 100))
    (folder / "durations.csv").write_text(
        f"HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,{percentiles}\n"
        + "".join(f"o,a,{name},10,10,1,20,10,10,10,10,10,10,10\n" for name in counts))
    memory = ",".join(f"AverageAllocatedMb_pct{p}" for p in (1, 5, 25, 50, 75, 95, 99, 100))
    (folder / "memory.csv").write_text(
        f"HashOwner,HashApp,HashFunction,SampleCount,AverageAllocatedMb,{memory}\n"
        + "".join(f"o,a,{name},10,128,128,128,128,128,128,128,128,128\n" for name in counts))


class LoadingTest(harness.IntegrationTest):
    def start_load(self, *arguments, out="run"):
        words = [harness.THAW, "load", "-q", "--format", "json", "-o", str(self.folder / out), *map(str, arguments)]
        return subprocess.Popen(words, env=self.env, cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def finish(self, process, expect=0, seconds=60):
        stdout, stderr = process.communicate(timeout=seconds)
        self.assertEqual(process.returncode, expect, f"{process.args}\n{stdout}\n{stderr}")
        return json.loads(stdout) if stdout else None

    def load(self, *arguments, out="run", expect=0):
        return self.finish(self.start_load(*arguments, out=out), expect)

    def rows(self, out="run"):
        with open(self.folder / out / "samples.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def record(self, out="run"):
        return json.loads((self.folder / out / "run.json").read_text(encoding="utf-8"))

    def write_trace(self, counts, name="trace"):
        write_azure2019(self.folder / name, counts)
