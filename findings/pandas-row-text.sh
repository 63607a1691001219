#!/usr/bin/env bash
# What `DataFrame.iloc[i].to_string()` keeps of a row depends on the types of the row's other columns, and on the version.
#
# Expected: a float is written with enough digits to tell it from others; a missing text is written in one way; a line
# break in text is escaped, so that a row has one line a column.
# Seen, with pandas 1.5.3, 2.3.3 and 3.0.0 (Python 3.11, numpy 1.26.4 and 2.3.5):
#   - between text columns 1e-7 is written "0.0", and 0.12000004 "0.12": six decimals, and then zeros at the end are dropped, so
#     nothing shows that digits are gone. In a row of numbers alone 1e-7 is "1.000000e-07" (all versions).
#   - a missing text is "None" in 1.5.3 and 2.3.3, and "NaN" in 3.0.0, where text has a type of its own.
#   - in a row of nothing but the `string` type a line break stands as it is in 1.5.3, so that the row has more lines than
#     columns; beside any other type, and in the later versions, it is written as a backslash and an n.
# Prints what each version writes, and fails if that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/rows.py" <<'PYTHON'
import pandas

between = pandas.DataFrame({"a": ["x", "y"], "b": [1e-7, 0.12000004], "c": ["p", None]})
alone = pandas.DataFrame({"b": [1e-7], "c": [1.5]})
text = pandas.DataFrame({"a": pandas.array(["x\ny"], dtype="string"), "b": pandas.array(["1"], dtype="string")})
beside = text.assign(c=[1.25])
for frame, row in [(between, 0), (between, 1), (alone, 0), (text, 0), (beside, 0)]:
    print(repr(frame.iloc[row].to_string()))
PYTHON

expect() {
  local version=$1 numpy=$2 missing=$3 breaks=$4
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "pandas==$version" "numpy==$numpy"
  "$folder/$version/bin/python" "$folder/rows.py" > "$folder/$version.txt"
  {
    printf '%s\n' "'a      x\\nb    0.0\\nc      p'" "$missing" "'b    1.000000e-07\\nc    1.500000e+00'" "$breaks"
    printf '%s\n' "'a    x\\\\ny\\nb       1\\nc    1.25'"
  } > "$folder/expected.txt"
  echo "pandas $version:"
  cat "$folder/$version.txt"
  diff "$folder/expected.txt" "$folder/$version.txt"
}

expect 1.5.3 1.26.4 "'a       y\\nb    0.12\\nc    None'" "'a    x\\ny\\nb      1'"
expect 2.3.3 1.26.4 "'a       y\\nb    0.12\\nc    None'" "'a    x\\\\ny\\nb       1'"
expect 3.0.0 2.3.5 "'a       y\\nb    0.12\\nc     NaN'" "'a    x\\\\ny\\nb       1'"
echo "as described"
