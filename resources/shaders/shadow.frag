#version 330 core
// Writes how much light is left on the floor here, into alpha only.
in vec2 place;
flat in vec4 segment;
flat in vec4 reach;

uniform float strength;

out vec4 pixel;

void main() {
    vec2 along = segment.zw - segment.xy;
    float at = clamp(dot(place - segment.xy, along) / max(dot(along, along), 1e-9), 0.0, 1.0);
    vec2 size = mix(reach.xy, reach.zw, at);
    float away = length(place - segment.xy - at * along);
    float cover = 1.0 - smoothstep(size.x - size.y, size.x + size.y, away);
    pixel = vec4(0.0, 0.0, 0.0, 1.0 - strength * cover * (size.x + 0.02) / (size.x + 0.02 + 0.5 * size.y));
}
