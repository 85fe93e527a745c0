"""What a frozen program needs besides the modules that PyInstaller finds by itself; it runs this hook where
a program imports the package."""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

# The page, in `server/static/`, and the stubs by which front doors find their modules.
datas = collect_data_files("bokeh_share")

# Front doors load them by name, which PyInstaller does not see.
hiddenimports = collect_submodules("bokeh_share")

# Imported where the author has done so already: a program that does not is spared some 200 MB.
excludedimports = ["panel"]
