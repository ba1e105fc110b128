#version 330 core
// The background and, where the ray meets the floor, a grid of lines that fade with distance.
in vec3 from;
in vec3 ray;
in float height;

uniform float ground;
uniform vec2 middle;   // where the grid is strongest
uniform float radius;  // where it has faded away
uniform float cell;    // metres between major lines
uniform vec3 top;
uniform vec3 bottom;
uniform vec3 line;
uniform vec3 axis_x;
uniform vec3 axis_y;

out vec4 pixel;

vec2 lines(vec2 at, vec2 width, float weight) {
    vec2 away = abs(fract(at - 0.5) - 0.5);
    return clamp(weight + 0.5 - away / width, 0.0, 1.0) * clamp(1.4 - 2.5 * width, 0.0, 1.0);
}

void main() {
    vec3 colour = mix(bottom, top, height);
    float rise = ground - from.z;
    float pixel_height = fwidth(from.z);
    bool edge_on = abs(ray.z) < 1e-4;
    float along = edge_on ? -1.0 : rise / ray.z;
    vec2 at = from.xy + along * ray.xy;
    vec2 width = max(fwidth(at), vec2(1e-6));
    float fade = clamp(1.0 - length(at - middle) / radius, 0.0, 1.0);
    if (edge_on) {
        colour = mix(colour, line, 0.8 * clamp(1.0 - abs(rise) / max(pixel_height, 1e-9), 0.0, 1.0)); // the floor is a line
    } else if (along > 0.0 && fade > 0.0) {
        fade *= fade * (3.0 - 2.0 * fade);
        vec2 minor = lines(at / (0.25 * cell), width / (0.25 * cell), 0.5);
        vec2 major = lines(at / cell, width / cell, 0.6);
        colour = mix(colour, line, fade * max(0.16 * max(minor.x, minor.y), 0.50 * max(major.x, major.y)));
        vec2 axis = clamp(1.25 - abs(at) / width, 0.0, 1.0);
        colour = mix(colour, axis_x, 0.55 * fade * axis.y * step(0.0, at.x));
        colour = mix(colour, axis_y, 0.55 * fade * axis.x * step(0.0, at.y));
    }
    float grain = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715)))); // against bands of equal colour
    pixel = vec4(colour + (grain - 0.5) / 255.0, 1.0);
}
