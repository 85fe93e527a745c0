"""What a frozen program needs besides the modules that PyInstaller finds by itself; it runs this hook where
a program imports the package."""

from PyInstaller.utils.hooks import collect_data_files

datas = collect_data_files("bokeh_share")  # the page, in `server/static/`

# Imported where the author has done so already: a program that does not is spared some 200 MB.
excludedimports = ["panel"]
