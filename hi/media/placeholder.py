"""What is shown where no picture can be. Pages know it by its width: no camera has so few pixels."""

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="16" height="9" viewBox="0 0 160 90">'
    b'<g fill="none" stroke="#8a8f9c" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round">'
    b'<path d="M60 34h28a4 4 0 0 1 4 4v16a4 4 0 0 1-4 4H62a4 4 0 0 1-4-4V36"/><path d="M92 43l12-7v20l-12-7"/>'
    b'<path d="M54 28l52 36"/></g></svg>'
)
CONTENT_TYPE = b"image/svg+xml"
