#version 330 core
// One capsule (or sphere, when both ends are one) per instance, from a unit sphere cut at its equator.
layout(location = 0) in vec4 vertex;      // unit normal, and the end it belongs to: 0 or 1
layout(location = 1) in vec4 start;       // metres, and the radius there
layout(location = 2) in vec4 stop;
layout(location = 3) in vec4 start_colour; // sRGB and opacity
layout(location = 4) in vec4 stop_colour;

uniform mat4 view_projection;
uniform float swell; // factor on every radius

out vec3 world;
out vec3 normal;
out vec4 colour;

void main() {
    vec3 along = stop.xyz - start.xyz;
    float span = length(along);
    vec3 z = span > 1e-9 ? along / span : vec3(0.0, 0.0, 1.0);
    vec3 x = normalize(abs(z.z) < 0.9 ? cross(z, vec3(0.0, 0.0, 1.0)) : cross(z, vec3(1.0, 0.0, 0.0)));
    normal = x * vertex.x + cross(z, x) * vertex.y + z * vertex.z;
    vec4 end = mix(start, stop, vertex.w);
    world = end.xyz + normal * end.w * swell;
    colour = mix(start_colour, stop_colour, vertex.w);
    gl_Position = view_projection * vec4(world, 1.0);
}
