"""One module per resource: parse the request, call one service, present the answer."""
