"""Delivery over HTTP: routes parse, call one service function, and shape the reply."""
