#version 330 core
// The shadow of one capsule: a rectangle on the floor around it, soft the higher the capsule is.
layout(location = 0) in vec2 corner; // -1..1
layout(location = 1) in vec4 start;
layout(location = 2) in vec4 stop;

uniform mat4 view_projection;
uniform vec3 key;
uniform float ground;

out vec2 place;
flat out vec4 segment;  // both ends on the floor
flat out vec4 reach;    // radius and softness at both ends

vec2 cast_down(vec4 point) {
    return point.xy - key.xy / key.z * max(0.0, point.z - ground);
}

vec2 size_at(vec4 point) {
    float height = max(0.0, point.z - ground);
    return vec2(point.w, 0.5 * point.w + 0.05 * height);
}

void main() {
    segment = vec4(cast_down(start), cast_down(stop));
    reach = vec4(size_at(start), size_at(stop));
    vec2 along = segment.zw - segment.xy;
    float span = length(along);
    vec2 x = span > 1e-9 ? along / span : vec2(1.0, 0.0);
    float margin = max(reach.x + reach.y, reach.z + reach.w);
    place = mix(segment.xy, segment.zw, 0.5) + x * corner.x * (0.5 * span + margin) + vec2(-x.y, x.x) * corner.y * margin;
    gl_Position = view_projection * vec4(place, ground, 1.0);
}
