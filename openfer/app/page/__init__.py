"""The page: photographs, films and the browser's camera, served by this machine. `server.main` is `openfer web`."""
