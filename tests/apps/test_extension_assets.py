"""The files of packages that extend BokehJS."""

from __future__ import annotations

from pathlib import Path

from bokeh_share.apps.extension_assets import load_extension_file


def test_a_file_is_packed_once_however_many_others_are_asked_for(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.js" for number in range(1500)]  # Panel has 1,300
    for file in files:
        file.write_text("1")
    first = [load_extension_file(file, 1.0) for file in files]
    assert all(load_extension_file(file, 1.0) is each for file, each in zip(files, first, strict=True))
    assert load_extension_file(files[0], 2.0) is not first[0]
