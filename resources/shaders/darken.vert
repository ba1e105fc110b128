#version 330 core
// A rectangle on the floor.
uniform mat4 view_projection;
uniform vec2 low;
uniform vec2 high;
uniform float ground;

void main() {
    vec2 at = vec2(gl_VertexID % 2 == 1 ? high.x : low.x, gl_VertexID / 2 == 1 ? high.y : low.y);
    gl_Position = view_projection * vec4(at, ground, 1.0);
}
