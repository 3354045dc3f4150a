"""What answers requests: the REST API and its HTTP server, the page, and clients for both."""
