#version 330 core
// Sky and floor light, one key light, a little gloss and a soft rim; computed in linear light.
in vec3 world;
in vec3 normal;
in vec4 colour;

uniform vec3 eye;
uniform vec3 key; // unit, towards the light
uniform float opacity;

out vec4 pixel;

void main() {
    vec3 n = normalize(normal);
    vec3 v = normalize(eye - world);
    vec3 base = colour.rgb * colour.rgb;
    vec3 light = mix(vec3(0.17, 0.16, 0.17), vec3(0.44, 0.47, 0.54), 0.5 + 0.5 * n.z);
    float lit = max(0.0, dot(n, key) * 0.85 + 0.15);
    light += lit * vec3(0.74, 0.70, 0.64);
    float facing = max(0.0, dot(n, v));
    light += 0.16 * facing;
    float edge = 1.0 - facing;
    vec3 rim = edge * edge * edge * vec3(0.20, 0.24, 0.30);
    float shine = max(0.0, dot(n, normalize(v + key)));
    shine *= shine; shine *= shine; shine *= shine; shine *= shine;
    vec3 linear = base * light + base * rim + 0.35 * rim + 0.10 * shine * lit;
    pixel = vec4(sqrt(min(linear, vec3(1.0))), colour.a * opacity);
}
