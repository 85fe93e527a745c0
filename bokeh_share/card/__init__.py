"""The author's card below the magic: links, QR code, state, notes and the number of viewers."""
