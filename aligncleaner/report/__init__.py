"""What a cleaning did, as `report.json` and `report.html`.

Workers fill a `tally` from `judged` answers (counts, and samples made by `sketch`, `examples` and
`lengths`); `build` turns the merged tally into `figures`, with the topic `words`; `page` shows
these: `sections` of it are made of `tables`, `charts` and `marks`, in the words of `wording`, and
all text of the log goes through `escape`.
"""
