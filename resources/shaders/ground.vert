#version 330 core
// One triangle over the whole view; each pixel gets the place and the direction it looks from.
uniform mat3 camera; // columns: right and up, scaled to the view's half size at distance 1 (0: orthographic), and forward
uniform mat3 start;  // columns: right and up, scaled to the view's half size in an orthographic view, else 0
uniform vec3 eye;

out vec3 from;
out vec3 ray;
out float height;

void main() {
    vec2 at = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
    from = eye + start * vec3(at, 1.0);
    ray = camera * vec3(at, 1.0);
    height = 0.5 + 0.5 * at.y;
    gl_Position = vec4(at, 0.0, 1.0);
}
