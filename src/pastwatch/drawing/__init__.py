"""Pictures as plain SVG: shapes, letters, axes of time; and the same as PNG."""
