"""The forecast: what open deals may bring and closed ones did, by month; as of now, or as of a day gone by."""
