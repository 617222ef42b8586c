"""What every other folder stands on: checks of arguments, arrays, files, optional packages."""
