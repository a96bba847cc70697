"""The report as a workbook: the same rows as raw numbers, for those who go on reckoning."""
