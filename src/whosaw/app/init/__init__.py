"""From a folder of logs that nobody has described to a drafted project file and map."""
