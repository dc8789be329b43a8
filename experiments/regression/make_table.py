"""How fast each sentence of nEMO is spoken, in letters of its transcript a second: a table.

In: ``data.tsv`` (the corpus's transcripts) and ``manifest.csv`` (lengths in seconds) of the folder.
Out: CSV with file, rate and speaker, which the study beside this file reads.
"""

import sys
from pathlib import Path

import pandas as pd

corpus, output = Path(sys.argv[1]), Path(sys.argv[2])
text = pd.read_csv(corpus / "data.tsv", sep="\t", usecols=["file_id", "normalized_text"])
text["stem"] = [Path(name).stem for name in text["file_id"]]
table = pd.read_csv(corpus / "manifest.csv")
table["stem"] = [Path(name).stem for name in table["file"]]
table = table.merge(text, on="stem", validate="one_to_one")
letters = table["normalized_text"].str.replace(r"\W", "", regex=True).str.len()
table["rate"] = (letters / table["duration_s"]).round(3)
output.parent.mkdir(parents=True, exist_ok=True)
table[["file", "rate", "speaker"]].to_csv(output, index=False)
print(f"{output}: {len(table)} recordings, {table['rate'].describe().round(1).to_dict()}")
