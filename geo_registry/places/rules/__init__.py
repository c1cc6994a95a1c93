"""The rules of names: values in, values out; every finding names its article."""
