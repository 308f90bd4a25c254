"""Logs that are read as they grow: files through their rotations, and streams of lines over TCP.

`collector` is where to begin reading.
"""
