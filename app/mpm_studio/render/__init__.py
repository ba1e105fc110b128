"""From a recording to pixels: numpy arrays first (scene, camera), then OpenGL that draws them in the window or off screen."""
