#version 330 core
// Blending multiplies what is there by its alpha; this only makes alpha 1 again.
out vec4 pixel;

void main() {
    pixel = vec4(0.0, 0.0, 0.0, 1.0);
}
