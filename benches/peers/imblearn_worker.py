"""imbalanced-learn's side of `cargo bench -p micrograph-sampling`: imblearn_worker.py FOLDER

Says `ready`. For the line `make RARE` on standard input it writes features (resample_x.f64) and labels
(resample_y.u8) of 100,000 samples, RARE of them of class 1, into FOLDER and says `made`; for each line
`METHOD SEED` it resamples them and answers with the milliseconds and the number of samples then.
"""

import sys
import time

import numpy as np
from imblearn.over_sampling import SMOTE

METHODS = {"smote": lambda seed: SMOTE(random_state=seed)}
print("ready", flush=True)

for line in sys.stdin:
    work, number = line.split()
    if work == "make":
        rng = np.random.default_rng(0)
        y = rng.permutation(np.arange(100_000) < int(number)).astype(np.int64)
        X = rng.normal(size=(len(y), 50))
        X[y == 1, :5] += 1
        X.astype("<f8").tofile(f"{sys.argv[1]}/resample_x.f64")
        y.astype("u1").tofile(f"{sys.argv[1]}/resample_y.u8")
        print("made", flush=True)
        continue
    sampler = METHODS[work](int(number))
    start = time.perf_counter()
    resampled = sampler.fit_resample(X, y)
    print((time.perf_counter() - start) * 1000, len(resampled[1]), flush=True)
    # Freed here, not within the next time.
    del resampled
