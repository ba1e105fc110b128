#version 330 core
// One triangle over the whole view; each pixel gets the direction it looks in.
uniform mat3 camera; // columns: right and up, scaled to the view's half size at distance 1, and forward

out vec3 ray;
out float height;

void main() {
    vec2 at = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
    ray = camera * vec3(at, 1.0);
    height = 0.5 + 0.5 * at.y;
    gl_Position = vec4(at, 0.0, 1.0);
}
