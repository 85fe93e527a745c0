"""Lists the files and modules that a frozen program needs and PyInstaller cannot find. It runs this hook if a
program imports the package."""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

# The page's files in `server/static/`, and the stubs by which front doors find their modules.
datas = collect_data_files("bokeh_share")

# Front doors load them by name, which PyInstaller does not detect.
hiddenimports = collect_submodules("bokeh_share")

# Imported only if the author has imported it; leaving it out saves some 200 MB.
excludedimports = ["panel"]
