"""The song: decoding it, drawing its waveform, and composing the demo's own."""
