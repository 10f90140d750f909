"""What is measured: servers that run in processes of their own and take commands as JSON lines on stdin."""
