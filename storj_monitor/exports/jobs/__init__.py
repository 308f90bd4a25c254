"""Exports of a server: taken on, written by workers into files, and followed as they grow."""
